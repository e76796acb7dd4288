"""The container's own health check: whether the process answers. Whether it may have calls is `/readyz`, which the load balancer asks."""

import os
import urllib.request

host = os.environ.get("HOST", "0.0.0.0").replace("0.0.0.0", "127.0.0.1")
urllib.request.urlopen(f"http://{host}:{os.environ['PORT']}/healthz", timeout=4)
