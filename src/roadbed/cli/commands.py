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
        "jobs": Entry("jobs", "Show what runs by the clock, run it by hand, read its logs."),
        "resource": Entry("resource", "Add databases and the like to an application, and look at them."),
        "scale": Entry("scaling", "Change how many replicas run."),
        "restart": Entry("scaling", "Restart an application, replica by replica."),
        "destroy": Entry("destroy", "Delete an application or a stack, and all that is its own."),
    },
    "Infrastructure": {
        "apply": Entry("apply", "Make a stack what its program says."),
        "stack": Entry("stack", "Look at stacks, and put their state in order."),
        "policy": Entry("policy", "See what policies say, check against them, and try them."),
        "quota": Entry("quota", "Show how much teams have of what they may have."),
        "cost": Entry("cost", "Show what runs costs and emits by the month."),
        "waiver": Entry("waiver", "Ask for, list and decide on exceptions from policies."),
        "approval": Entry("approval", "See what waits for approval, and decide on it."),
        "budget": Entry("quota", "Show how much teams spend of what they may spend."),
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
        "platform": Entry("platform_repo", "Write what the platform offers: try it, see what it changes, publish it."),
        "doctor": Entry("status", "Check what is missing and how to mend it."),
        "login": Entry("login", "Log in to a platform."),
        "logout": Entry("login", "Forget the login."),
        "whoami": Entry("login", "Show who is logged in, and what they may do."),
        "version": Entry("status", "Show the versions of this command and of the platform."),
    },
}

COMMANDS: dict[str, Entry] = {name: entry for section in SECTIONS.values() for name, entry in section.items()}
