"""The shared kernel: scoping, errors, jobs, forms, API bases, embeddings. No concrete models, no business words."""
