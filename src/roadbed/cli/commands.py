"""Every command: which file holds it, and the line that `roadbed --help` shows, so that help loads none of them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    module: str
    summary: str


SECTIONS: dict[str, dict[str, Entry]] = {
    "Ship": {
        "new": Entry("new", "Make a running, owned service from a golden path."),
        "init": Entry("init", "Write down what a source tree runs."),
        "deploy": Entry("deploy", "Ship a source tree."),
        "build": Entry("build", "Build a source tree without deploying it."),
        "plan": Entry("plan", "Show what a deploy or an apply would change."),
        "rollback": Entry("releases", "Go back to an earlier release."),
        "explain": Entry("explain", "Show where each variable, file and resource of an application comes from."),
        "score": Entry("score", "Check Score files, and show what they say."),
    },
    "Run": {
        "apps": Entry("applications", "List the applications."),
        "status": Entry("status", "Show how the platform or an application is."),
        "ps": Entry("applications", "List an application's replicas, and what its volumes hold."),
        "logs": Entry("logs", "Show what an application prints."),
        "open": Entry("applications", "Open an application in the browser."),
        "releases": Entry("releases", "List an application's releases."),
        "config": Entry("config", "Show or change an application's variables."),
        "scale": Entry("scaling", "Change how many replicas run."),
        "restart": Entry("scaling", "Restart an application, replica by replica."),
        "destroy": Entry("destroy", "Delete an application or a stack, and all that is its own."),
    },
    "Infrastructure": {
        "apply": Entry("apply", "Make a stack what its program says."),
        "stack": Entry("stack", "Look at stacks, and put their state in order."),
        "types": Entry("types", "List or show the resource types that a program can declare."),
    },
    "Look": {
        "templates": Entry("new", "List the golden paths."),
        "builds": Entry("build", "List, show or prune builds."),
        "ops": Entry("operations", "List, show or cancel background work."),
        "audit": Entry("audit", "Show who did what."),
        "portal": Entry("portal", "Open the portal, logged in as you."),
    },
    "Platform": {
        "up": Entry("platform", "Start the platform on this machine."),
        "down": Entry("platform", "Stop the platform and all that it runs."),
        "server": Entry("platform", "Run the platform's server in the foreground."),
        "doctor": Entry("status", "Check what is missing and how to mend it."),
        "login": Entry("login", "Log in to a platform."),
        "logout": Entry("login", "Forget the login."),
        "whoami": Entry("login", "Show who is logged in, and what they may do."),
        "version": Entry("status", "Show the versions of this command and of the platform."),
    },
}

COMMANDS: dict[str, Entry] = {name: entry for section in SECTIONS.values() for name, entry in section.items()}
