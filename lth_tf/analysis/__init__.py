"""Questions to rows: which, by what, how much; no picture and no paper."""
