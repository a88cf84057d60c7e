"""The depth that the bottom-up network's answers are relative to: shared by training and live, NumPy-free."""

# log of Z / f of a person about 140 pixels tall. Answers lie around 0 so: bf16 has 8 binary digits, and at -4.4 the
# next smaller number is 3 % away.
TYPICAL = -4.4
