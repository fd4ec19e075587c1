"""Files and folders on the platform's own machine, below roots that the operator allows and nowhere else."""
