"""python-x2go's guardian on one profile, by its public API: HOST PORT USER PASSWORD FOLDER. Ends on SIGTERM."""

import os
import signal
import sys

import gevent
from x2go import X2GoClient

host, port, user, password, folder = sys.argv[1:6]
# What it registers by itself it takes from a session profile in its own file.
os.makedirs(f"{folder}/client")
with open(f"{folder}/client/sessions", "w") as profiles:
    profiles.write(f"[bench]\nname=bench\nhost={host}\nsshport={port}\nuser={user}\n")

client = X2GoClient(
    client_rootdir=f"{folder}/client",
    sessions_rootdir=f"{folder}/sessions",
    ssh_rootdir=f"{folder}/ssh",
    use_listsessions_cache=True,
    auto_update_listsessions_cache=True,
    auto_update_sessionregistry=True,
    auto_register_sessions=True,
    refresh_interval=5,
    loglevel=0,
)
profile = client.register_session(profile_name="bench", add_to_known_hosts=True)
client.connect_session(profile, username=user, password=password, add_to_known_hosts=True, force_password_auth=True)
print("connected", flush=True)
# Its guardian is a greenlet: it runs only while this one sleeps the gevent way.
told = []
signal.signal(signal.SIGTERM, lambda *_: told.append(True))
while not told:
    gevent.sleep(0.2)
names = client.client_registered_sessions_of_profile_name("bench", return_session_names=True)
print("registered", len([name for name in names if name]), flush=True)
client.disconnect_session(profile)
os._exit(0)
