"""What belongs to the machine, not to Duopose: processor, memory, graphics card, clock, webcams, screen."""
