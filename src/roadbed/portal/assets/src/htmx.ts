// htmx, kept to what the content security policy allows: no eval, no style element of its own.
import htmx from "htmx.org";
import "idiomorph/htmx";
import { say } from "./toast";

htmx.config.allowEval = false;
htmx.config.includeIndicatorStyles = false;
htmx.config.selfRequestsOnly = true;
htmx.config.allowScriptTags = false;
htmx.config.defaultSwapStyle = "outerHTML";

document.addEventListener("htmx:responseError", (event) => {
  const { status } = (event as CustomEvent<{ xhr: XMLHttpRequest }>).detail.xhr;
  if (status === 401) location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
  else if (status >= 500) say("The platform could not answer. It is tried again at the next change.");
});
