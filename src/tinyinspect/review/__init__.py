"""What a reviewer wants to know of two models: which is better, beyond chance, and on which frames."""
