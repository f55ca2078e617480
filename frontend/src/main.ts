import htmx from "htmx.org";
import { autosave } from "./autosave";
import { board, watchBoard } from "./board";
import { startCoding } from "./coding";
import { combobox } from "./combobox";
import { startConfirm } from "./confirm";
import { dealState, watchDeal } from "./deal";
import { startDialogs } from "./dialogs";
import { keepFocus } from "./focus";
import { startHistory } from "./history";
import { journeyMap } from "./journey-map";
import { startKeyboard } from "./keyboard";
import { keepChanges, keepTriggers } from "./lost-triggers";
import { startMenus } from "./menus";
import { csrfToken } from "./page";
import { startPalette } from "./palette";
import { passages } from "./passages";
import { keepPresses } from "./presses";
import { attach, register } from "./registry";
import { keepScrolling } from "./scrolling";
import { startSettling } from "./settling";
import { copy, print, startBusyButtons, submitOnChange, takeFocus } from "./small";
import { sortable, startMoves } from "./sortable";
import { theme } from "./theme";
import { startToasts } from "./toasts";

htmx.config.includeIndicatorStyles = false;
htmx.config.allowEval = false;
htmx.config.historyCacheSize = 0;
htmx.config.refreshOnHistoryMiss = true;
// Inline styles are not among them: dragging leaves some behind, and the CSP refuses to have them set on what comes anew.
htmx.config.attributesToSettle = ["class", "width", "height"];
// A form with errors comes back as 422 and is shown in place, like a success.
htmx.config.responseHandling = [
  { code: "204", swap: false },
  { code: "[23]..", swap: true },
  { code: "422", swap: true },
  { code: "[45]..", swap: false, error: true },
];

register("autosave", autosave);
register("board", board);
register("combobox", combobox);
register("copy", copy);
register("passages", passages);
register("deal-state", dealState);
register("journey-map", journeyMap);
register("print", print);
register("sortable", (element) => void sortable(element));
register("submit-on-change", submitOnChange);
register("take-focus", takeFocus);
register("theme", theme);

document.addEventListener("htmx:configRequest", (event) => {
  (event as CustomEvent<{ headers: Record<string, string> }>).detail.headers["X-CSRFToken"] = csrfToken();
});
document.addEventListener("htmx:load", (event) => attach((event as CustomEvent<{ elt: HTMLElement }>).detail.elt));

keepTriggers();
keepChanges();
watchBoard();
watchDeal();
startCoding();
startSettling();
startConfirm();
startMenus(); // before what opens from them: it gives the focus back to the menu
startDialogs();
startToasts();
startPalette();
startKeyboard();
startMoves();
startHistory();
startBusyButtons();
keepPresses();
keepScrolling();
keepFocus();
attach(document);
