"""What `duopose doctor` looks at, a file a subject. Each defines `examine(part, ...)`, which fills a `findings.Part`.

Roots of /proc, /sys, /dev and /etc are arguments, so that recorded files of other machines can be examined, too.
"""
