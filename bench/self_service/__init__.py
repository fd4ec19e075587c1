"""What a developer waits for who asks for infrastructure, and what the company's rules cost meanwhile."""
