"""Answer every DNS question on 127.0.0.9:53 with "no such host", then run a command."""

import socket
import subprocess
import sys
import threading

server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.9", 53))


def answer():
    while True:
        question, sender = server.recvfrom(512)
        # The question again, without its additional records: a response, NXDOMAIN.
        end = question.index(0, 12) + 5
        server.sendto(question[:2] + b"\x81\x83\x00\x01\x00\x00\x00\x00\x00\x00" + question[12:end], sender)


threading.Thread(target=answer, daemon=True).start()
sys.exit(subprocess.run(sys.argv[1:]).returncode)
