"""What the functions ask of AWS, recorded while their handlers are played through."""
