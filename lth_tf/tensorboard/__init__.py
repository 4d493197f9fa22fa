"""TensorBoard: curves of runs, hyperparameters, pictures; written without TensorFlow."""
