"""Two forwarding tunnels of python-x2go over one connection, by its public API alone. Prints their ports."""
import sys

import gevent
from gevent import monkey

monkey.patch_all()

import paramiko
from x2go import forward

host, port, user, key, far, echo, first, second = sys.argv[1:]
client = paramiko.SSHClient()
client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
client.connect(host, int(port), username=user, key_filename=key, look_for_keys=False, allow_agent=False)
servers = [
    forward.start_forward_tunnel(
        local_host="127.0.0.1",
        local_port=int(local),
        remote_host="127.0.0.1",
        remote_port=int(remote),
        ssh_transport=client.get_transport(),
    )
    for local, remote in ((first, far), (second, echo))
]
print("ready", flush=True)
while True:  # reading stdin would block gevent's loop
    gevent.sleep(1)
