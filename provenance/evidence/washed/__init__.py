"""What washing leaves behind, and what nobody washed away."""
