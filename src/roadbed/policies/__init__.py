"""The packs of policies that come with Roadbed. They import the SDK alone, as anybody's pack does."""
