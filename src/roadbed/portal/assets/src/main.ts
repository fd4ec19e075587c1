// Everything a page does beyond reading. Each part finds its own elements and does nothing where there are none.
import "./htmx";
import { watchBusyForms } from "./busy";
import { watchCommandForms } from "./commands";
import { watchCopies } from "./copy";
import { watchForms, watchJudged } from "./forms";
import { drawGraphs } from "./graph-loader";
import { watchLive } from "./live";
import { startLogs } from "./log";
import { watchPalette } from "./palette";
import { watchPanel } from "./panel";
import { followPlan } from "./progress";
import { watchThemes } from "./theme";
import { watchTimes } from "./times";

watchThemes();
watchCopies();
watchForms();
watchJudged();
watchBusyForms();
watchCommandForms();
watchPalette();
watchPanel();
watchTimes();
watchLive();
startLogs();
followPlan();
drawGraphs();
