"""Other machines: the files of /proc and /sys that the doctor reads, as they were or would be there."""

LAPTOP = """\
processor	: {number}
vendor_id	: GenuineIntel
model name	: Intel(R) Core(TM) i5-8250U CPU @ 1.60GHz
flags		: fpu sse sse2 ssse3 sse4_1 sse4_2 avx f16c avx2 fma
"""
SERVER = """\
processor	: {number}
model name	: Intel(R) Xeon(R) Platinum 8481C CPU @ 2.70GHz
flags		: fpu avx avx2 avx512f avx512_bf16 amx_bf16 avx512_vnni amx_tile amx_int8
"""
BOARD = """\
processor	: {number}
Features	: fp asimd evtstrm aes crc32 cpuid
Model		: Raspberry Pi 5 Model B Rev 1.0
"""
NAMES = {
    0: "Integrated Camera: Integrated C",
    1: "Integrated Camera: Integrated C",
    2: "HD Pro Webcam C920",
    3: "HD Pro",
}


def write(root, files):
    """{path below root: text}"""
    for path, text in files.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return root


def processors(text, count):
    return "\n".join(text.format(number=number) for number in range(count))


def laptop(root):
    """Eight cores without AVX512, control groups of version 2 that limit nothing."""
    return write(
        root,
        {
            "proc/cpuinfo": processors(LAPTOP, 8),
            "proc/loadavg": "0.52 0.58 0.59 1/467 12345\n",
            "proc/meminfo": "MemTotal:       16214348 kB\nMemFree:  1 kB\nMemAvailable:   11021560 kB\n",
            "proc/self/status": "Name:\tpython\nCpus_allowed_list:\t0-7\n",
            "proc/self/cgroup": "0::/user.slice/user-1000.slice/session-2.scope\n",
            "proc/self/mountinfo": "35 24 0:30 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n",
            "sys/fs/cgroup/user.slice/user-1000.slice/cpu.max": "max 100000\n",
            "sys/fs/cgroup/user.slice/user-1000.slice/memory.max": "max\n",
            "sys/devices/system/clocksource/clocksource0/current_clocksource": "tsc\n",
        },
    )


def container(root):
    """A server's container of half a core and 512 MB; it sees its own control group as the root of all."""
    return write(
        root,
        {
            "proc/cpuinfo": processors(SERVER, 16),
            "proc/loadavg": "3.00 2.58 2.59 1/467 12345\n",
            "proc/meminfo": "MemTotal:       64214348 kB\nMemAvailable:   50021560 kB\n",
            "proc/self/status": "Cpus_allowed_list:\t0-15\n",
            "proc/self/cgroup": "0::/\n",
            "proc/self/mountinfo": "812 790 0:30 / /sys/fs/cgroup ro,nosuid - cgroup2 cgroup rw,nsdelegate\n",
            "sys/fs/cgroup/cpu.max": "50000 100000\n",
            "sys/fs/cgroup/memory.max": "536870912\n",
        },
    )


def older_container(root):
    """Control groups of version 1, whose names are still those of outside; cores 2, 3 and 8 only."""
    inside = "/docker/4f1b /sys/fs/cgroup"
    return write(
        root,
        {
            "proc/cpuinfo": processors(SERVER, 16),
            "proc/meminfo": "MemTotal:       64214348 kB\nMemAvailable:   50021560 kB\n",
            "proc/self/status": "Cpus_allowed_list:\t2-3,8\n",
            "proc/self/cgroup": "5:memory:/docker/4f1b\n3:cpu,cpuacct:/docker/4f1b\n1:name=systemd:/docker/4f1b\n",
            "proc/self/mountinfo": f"9 8 0:27 {inside}/memory ro - cgroup cgroup rw,memory\n"
            f"7 8 0:26 {inside}/cpu,cpuacct ro - cgroup cgroup rw,cpu,cpuacct\n"
            f"6 8 0:25 {inside}/systemd ro - cgroup cgroup rw,name=systemd\n",
            "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "150000\n",
            "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
            "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
        },
    )


def board(root):
    """One ARM core."""
    return write(root, {"proc/cpuinfo": BOARD.format(number=0), "proc/self/status": "Cpus_allowed_list:\t0\n"})


def two_webcams(root):
    """Each with a second device that only tells of its pictures; process 4711 has the second webcam open."""
    files = {f"sys/class/video4linux/video{number}/name": name for number, name in NAMES.items()}
    files |= {f"dev/video{number}": "" for number in NAMES} | {"dev/video-codec": ""}
    write(root, files | {"proc/4711/comm": "zoom\n", "proc/4711/fd/.keep": "", "proc/uptime": "1\n"})
    (root / "proc/4711/fd/14").symlink_to(root / "dev/video2")
    return root
