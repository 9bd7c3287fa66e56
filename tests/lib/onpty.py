"""A terminal that counts: runs a program on a new pty, sends keys, reports bytes and times.

usage: onpty.py [--term NAME] [--size COLSxLINES] [--raw FILE] [--silence SECONDS] STEP... -- COMMAND...

A step ends when the program is idle and no byte has come for 0.2 s, or for --silence: little is enough where bytes
are not counted by step.

A STEP is NAME=KEYS (Python escapes: down=\\x1b[B), or one of
  @idle=SECONDS     only listen            @size=COLSxLINES   resize, with SIGWINCH
  @signal=NAME      signal the program     @part=KEYS,MS,KEYS two writes with a pause between
One line per step on stdout: name, bytes that came, milliseconds to the first of them ("-" when none came).
At the end: "exit" and the status (or -signal), "terminal" and "same" when its settings are as they were.
The first line is "first": what came until the program fell silent.
"""
import codecs
import fcntl
import os
import select
import signal
import struct
import sys
import termios
import time

silence = 0.2  # [s] without a byte ends a step


def parse(argv):
    global silence
    term, size, raw = "xterm", (80, 24), None
    steps = []
    while argv and argv[0] != "--":
        word = argv.pop(0)
        if word == "--term":
            term = argv.pop(0)
        elif word == "--size":
            size = parse_size(argv.pop(0))
        elif word == "--silence":
            silence = float(argv.pop(0))
        elif word == "--raw":
            raw = argv.pop(0)
        elif "=" in word:
            steps.append(word.split("=", 1))
        else:
            sys.exit("onpty.py: what is %r?" % word)
    if len(argv) < 2:
        sys.exit("onpty.py: no command")
    return term, size, raw, steps, argv[1:]


def parse_size(text):
    cols, lines = text.split("x")
    return int(cols), int(lines)


def unescape(text):
    return codecs.decode(text.encode("utf-8"), "unicode_escape").encode("latin-1") if "\\" in text else text.encode("utf-8")


class Terminal:
    def __init__(self, term, size, command):
        self.master, self.slave = os.openpty()
        self.resize(size)
        self.before = termios.tcgetattr(self.slave)
        self.seen = bytearray()
        env = {k: v for k, v in os.environ.items() if k not in ("LINES", "COLUMNS", "TMUX")}
        env["TERM"] = term
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self.master)
            os.setsid()
            fcntl.ioctl(self.slave, termios.TIOCSCTTY, 0)
            for fd in (0, 1, 2):
                os.dup2(self.slave, fd)
            os.execvpe(command[0], command, env)
        self.status = None

    def resize(self, size):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))

    def listen(self, seconds, until_silent):
        """Bytes that come, and when the first did [s]."""
        count, first, start = 0, None, time.monotonic()
        end = start + seconds
        while True:
            now = time.monotonic()
            if until_silent and now >= end and now < start + 10 and self.busy():
                end = now + 0.05
            if now >= end or self.ended():
                wait = 0
            else:
                wait = min(end - now, 0.05)
            ready, _, _ = select.select([self.master], [], [], wait)
            if ready:
                data = os.read(self.master, 65536)
                count += len(data)
                self.seen += data
                first = first if first is not None else time.monotonic() - start
                if until_silent:
                    end = time.monotonic() + silence
            elif wait == 0:
                return count, first

    def busy(self):
        """Is it running or waiting for the disk?  On a loaded machine silence alone does not tell."""
        try:
            with open("/proc/%d/stat" % self.pid, "rb") as f:
                return f.read().rsplit(b")", 1)[1].split()[0] in (b"R", b"D")
        except OSError:
            return False

    def ended(self):
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid == self.pid:
                self.status = os.waitstatus_to_exitcode(status)
        return self.status is not None

    def close(self):
        if not self.ended():
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            self.status = "still running"
        return self.status, termios.tcgetattr(self.slave) == self.before


def run_step(t, name, text):
    if name == "@idle":
        return t.listen(float(text), False)
    if name == "@size":
        t.resize(parse_size(text))      # the kernel sends SIGWINCH
    elif name == "@signal":
        os.kill(t.pid, getattr(signal, "SIG" + text))
    elif name == "@part":
        head, pause, tail = text.split(",", 2)
        os.write(t.master, unescape(head))
        time.sleep(float(pause) / 1000)
        os.write(t.master, unescape(tail))
    else:
        os.write(t.master, unescape(text))
    return t.listen(1.75 * silence, True)


def main():
    term, size, raw, steps, command = parse(sys.argv[1:])
    t = Terminal(term, size, command)
    results = [("first", t.listen(5, True))]
    for name, text in steps:
        if not t.ended():
            results.append((name, run_step(t, name, text)))
    for name, (count, first) in results:
        print("%s\t%d\t%s" % (name, count, "-" if first is None else "%.1f" % (first * 1000)))
    end = time.monotonic() + 2
    while not t.ended() and time.monotonic() < end and any(n == "@signal" for n, _ in steps):
        time.sleep(0.02)
    t.listen(0.05, False)
    status, same = t.close()
    print("exit\t%s" % status)
    print("terminal\t%s" % ("same" if same else "changed"))
    if raw:
        with open(raw, "wb") as f:
            f.write(t.seen)


if __name__ == "__main__":
    main()
