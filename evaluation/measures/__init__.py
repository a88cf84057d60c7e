"""Figures of accuracy: functions of arrays, each after the protocol that the head of its file names."""
