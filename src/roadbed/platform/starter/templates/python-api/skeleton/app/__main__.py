"""`python -m app`: serves until it is told to stop, then finishes what is in flight."""

import uvicorn

from app.logs import configure_logging
from app.main import create_app
from app.settings import Settings

# Longer than a proxy keeps an idle connection (90 s is usual), so that it is never the service that
# closes a connection just as the proxy sends a request down it.
KEEP_ALIVE_SECONDS = 120


def main() -> None:
    settings = Settings.from_environment()
    configure_logging(settings.log_level)
    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=settings.shutdown_seconds,
        access_log=False,  # app.observe writes one structured line a request
        log_config=None,
        server_header=False,
    )


if __name__ == "__main__":
    main()
