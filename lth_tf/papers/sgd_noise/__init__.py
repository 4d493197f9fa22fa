"""The Influence of SGD noise on Lottery Ticket Performance, as data."""

from functools import partial

from lth_tf.analysis.sparse_training import AXES
from lth_tf.papers.sgd_noise import features, numbers
from lth_tf.papers.sgd_noise.figures import ITEMS
from lth_tf.papers.sgd_noise.networks import NETWORKS
from lth_tf.report.paper import Paper, PaperStudy

_study = partial(PaperStudy, "sgd_noise")

PAPER = Paper(
    key="sgd_noise",
    title="The Influence of SGD noise on Lottery Ticket Performance",
    source="Submission 4072 to TMLR; OpenReview adgulKgRvC",
    networks=NETWORKS,
    studies={
        "settings": _study("sweep"),
        **{name: _study("sweep", name) for name in (
            "batches", "momenta", "forgetting", "tickets", "without_some", "short_searches",
            "other_settings", "probes", "transfer", "few_shot", "forgotten", "onset", "successive",
        )},
    },
    items=ITEMS,
    printed=(*numbers.PRINTED, *features.PRINTED),
    samples=(3, 3),
    axes=AXES,
    remarks=(
        "Accuracies are of the last epoch. Runs that stayed at chance are in the means, as in the "
        "paper, which marks them with a star, as ours are; one that diverged counts as guessing.",
        "± is the sample deviation over three initializations (table 7's 8.36 ± 13.61 is that of "
        "0.5, 0.5 and 24.08), but of forgetting events over examples, and of table 15 that with n "
        "in the denominator: 19.0 ± 0.8 is of 18, 19 and 20. Table 13 is of one run each; 60.15, "
        "92.77 and others with ± 0.00 may be.",
        "Weight decay is 5e-4 by section 3.3 and 1e-4 by appendix G. Table 4 has 59.98 where table "
        "2 has 58.89; table 1 has the slowest convergence for (0.0, 256), where the text has it "
        "faster; '~75 %' of full accuracy from 10 % of TinyImageNet is 43.40 of 59.27 to 60.08.",
    ),
)  # fmt: skip
