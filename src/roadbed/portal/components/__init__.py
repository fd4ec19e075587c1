"""What several pages show: states as tones, plans, forms from JSON Schema, graphs, logs. Pure: values in, view models out."""
