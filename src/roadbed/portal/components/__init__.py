"""What several pages show: states as tones, plans, forms, graphs, logs. Pure: values in, view models out."""
