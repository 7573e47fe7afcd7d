"""For operators: dead letters, states beside a worker, forecasts, a file in step, verification."""
