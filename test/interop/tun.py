"""Linux's TCP/IP at the end of a pipe: a TUN device in the network namespace that this process was started in.

    unshare --net python3 tun.py --address 10.9.0.1/24 [--mtu 1500] [--sysctl net.ipv4.x=1] [--route 10.8.0.0/24,10.9.0.2]
        [--job 'receive-on 5001'] ... [--tap]

stdin and stdout carry IP packets (Ethernet frames with --tap), each as its length (two octets, big-endian) and its octets. A packet of length zero on
stdin asks for the kernel's counters and ends. stderr carries one JSON object a line: {"ready": true}, {"job": ...} when a job
is done, {"counters": ...}. Jobs, each a process of its own:

    receive-on PORT              accept one connection, read it to its end
    receive-from HOST PORT       connect, read to the end
    send-to HOST PORT N SEED [CHUNK]     connect, send N octets that SEED determines, in writes of CHUNK octets,
                                         which leave one by one where CHUNK is less than 1000
    send-on PORT N SEED [CHUNK]          the same to the first who connects
    serve-on PORT N SEED [CHUNK]         the same, and it goes on listening without taking anybody
    run COMMAND...               a line for the shell; its output and exit status are reported

With --probe nothing is carried: it exits with 0 where a TUN device can be opened, else with the reason.
"""
import argparse
import fcntl
import hashlib
import json
import os
import random
import selectors
import signal
import socket
import struct
import subprocess
import sys
import time

TUNSETIFF = 0x400454CA
IFF_TUN, IFF_TAP, IFF_NO_PI = 0x0001, 0x0002, 0x1000
NAME = "wire0"


def say(**what):
    os.write(2, (json.dumps(what) + "\n").encode())


def open_tun(mode=IFF_TUN):
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", NAME.encode(), mode | IFF_NO_PI))
    return device


def set_up(options):
    def ip(*words):
        subprocess.run(["ip", *words], check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)

    for setting in options.sysctl:
        key, value = setting.split("=", 1)
        with open("/proc/sys/" + key.replace(".", "/"), "w") as file:
            file.write(value)
    ip("link", "set", "lo", "up")
    ip("link", "set", NAME, "mtu", str(options.mtu), "up")
    for address in options.address:
        ip("address", "add", address, "dev", NAME, *(["nodad"] if ":" in address else []))
    for route in options.route:
        network, gateway = route.split(",")
        ip("route", "add", network, "via", gateway, "dev", NAME)


listeners = []


def listen(port):
    # Of both families: "::" takes IPv4 too.
    server = socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True)
    say(listening=port)
    stream = server.accept()[0]
    listeners.append(server)
    return stream


def receive(stream):
    digest, count = hashlib.sha256(), 0
    while octets := stream.recv(65536):
        digest.update(octets)
        count += len(octets)
    stream.close()
    return digest.hexdigest(), count


def send(stream, count, seed, chunk):
    octets = random.Random(seed).randbytes(count)
    stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1 if chunk < 1000 else 0)
    for at in range(0, count, chunk):
        stream.sendall(octets[at : at + chunk])
        if chunk < 1000:
            time.sleep(0.001)
    stream.shutdown(socket.SHUT_WR)
    while stream.recv(65536):
        pass
    stream.close()
    return hashlib.sha256(octets).hexdigest(), count


def work(words):
    kind, rest = words[0], words[1:]
    if kind.endswith("-on"):
        stream, rest = listen(int(rest[0])), rest[1:]
    else:
        stream, rest = socket.create_connection((rest[0], int(rest[1]))), rest[2:]
    if not kind.startswith("serve"):
        for server in listeners:
            server.close()
    if kind.startswith("receive"):
        return receive(stream)
    chunk = int(rest[2]) if len(rest) > 2 else 65536
    return send(stream, int(rest[0]), int(rest[1]), chunk)


def start(job):
    child = os.fork()
    if child:
        return child
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.dup2(os.open("/dev/null", os.O_RDWR), 0)
    os.dup2(0, 1)
    if job.startswith("run "):
        ran = subprocess.run(job[4:], shell=True, stdin=0, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        say(job=job, output=ran.stdout.decode(errors="replace"), status=ran.returncode)
        os._exit(0)
    try:
        digest, count = work(job.split())
        say(job=job, sha256=digest, octets=count)
        if job.startswith("serve"):
            signal.pause()
    except OSError as error:
        say(job=job, error=str(error))
    os._exit(0)


def counters():
    found = {}
    for path in ("/proc/self/net/snmp", "/proc/self/net/netstat"):
        with open(path) as file:
            lines = [line.split() for line in file]
        for names, values in zip(lines[::2], lines[1::2]):
            for name, value in zip(names[1:], values[1:]):
                found[names[0].rstrip(":") + name] = int(value)
    with open("/proc/self/net/snmp6") as file:
        found.update((name, int(value)) for name, value in (line.split() for line in file))
    return found


def write_all(octets):
    while octets:
        octets = octets[os.write(1, octets) :]


def carry(device):
    waiting = bytearray()
    events = selectors.DefaultSelector()
    events.register(0, selectors.EVENT_READ)
    events.register(device, selectors.EVENT_READ)
    while True:
        for key, _ in events.select():
            if key.fd == device:
                packet = os.read(device, 65535)
                write_all(struct.pack(">H", len(packet)) + packet)
                continue
            octets = os.read(0, 1 << 16)
            if not octets:
                return
            waiting += octets
            while len(waiting) >= 2:
                length = struct.unpack_from(">H", waiting)[0]
                if length == 0:
                    return
                if len(waiting) < 2 + length:
                    break
                try:
                    os.write(device, waiting[2 : 2 + length])
                except OSError as error:
                    say(refused=str(error))
                del waiting[: 2 + length]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--address", action="append", default=[])
    parser.add_argument("--mtu", type=int, default=1500)
    parser.add_argument("--sysctl", action="append", default=[])
    parser.add_argument("--job", action="append", default=[])
    parser.add_argument("--route", action="append", default=[], help="NETWORK,GATEWAY")
    parser.add_argument("--tap", action="store_true")
    parser.add_argument("--probe", action="store_true")
    options = parser.parse_args()
    try:
        device = open_tun(IFF_TAP if options.tap else IFF_TUN)
    except OSError as error:
        sys.exit(f"/dev/net/tun: {error.strerror}")
    if options.probe:
        return
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    set_up(options)
    children = [start(job) for job in options.job]
    say(ready=True)
    try:
        carry(device)
        say(counters=counters())
    finally:
        for child in children:
            try:
                os.kill(child, signal.SIGKILL)
            except ProcessLookupError:
                pass


main()
