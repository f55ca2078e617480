"""The shared kernel: scoping, errors, jobs, forms, API base classes, embeddings. No concrete models, no business words."""
