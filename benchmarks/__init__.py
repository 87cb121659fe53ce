"""What the product costs, measured; `python -m benchmarks` writes docs/performance.md."""
