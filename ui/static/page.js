// Runs once, inside the side panel's component: `element` and `trigger` are Gradio's.
// A mark in an answer opens its quote in the panel; Esc closes it and gives the focus back to the mark.
const root = document.documentElement;
let opener = null; // the href of the link that opened the panel: the chat may be drawn anew meanwhile
let stamp = 0; // of the newest request to the panel: what an older one brings is not shown
let shownStamp = 0;

const findOpener = () => opener && document.querySelector(`#chat a[href="${CSS.escape(opener).replace(/\\#/, "#")}"]`);

function markCurrent() {
  document.querySelectorAll("#chat a.current").forEach((link) => link.classList.remove("current"));
  if (root.dataset.panel) findOpener()?.classList.add("current");
}

function openPanel(action, ref) {
  stamp += 1;
  trigger("select", { action, ref, stamp });
}

function closePanel() {
  if (!root.dataset.panel) return;
  delete root.dataset.panel;
  markCurrent();
  findOpener()?.focus();
  opener = null;
}

function onPanelFilled() {
  const filled = Number(element.querySelector("[data-stamp]")?.dataset.stamp ?? 0);
  if (filled !== stamp || filled === shownStamp) return;
  shownStamp = filled;
  root.dataset.panel = element.querySelector(".wide") ? "wide" : "open";
  markCurrent();
  const body = element.querySelector(".panel-body");
  const quote = element.querySelector("mark");
  element.querySelector("#panel-title")?.focus({ preventScroll: true });
  if (!body) return;
  body.scrollTop = 0;
  if (quote && quote.getBoundingClientRect().bottom > body.getBoundingClientRect().bottom - 40) {
    body.scrollTop = quote.getBoundingClientRect().top - body.getBoundingClientRect().top - body.clientHeight / 3;
  }
}

async function copy(text, link) {
  const words = link.textContent;
  try {
    await navigator.clipboard.writeText(text);
    link.textContent = "Copied";
  } catch {
    link.textContent = "The browser did not allow copying";
  }
  setTimeout(() => (link.textContent = words), 2000);
}

const copySources = (link) => copy(link.closest(".answer")?.querySelector(".as-markdown")?.textContent ?? "", link);

const copyLink = (link, question) => copy(`${location.origin}${location.pathname}?q=${question}`, link);

// A link to a question asks it, once: a reload of the page asks nothing.
addEventListener("conversation-restored", () => {
  const question = new URLSearchParams(location.search).get("q")?.trim();
  if (!question) return;
  history.replaceState(null, "", location.pathname);
  trigger("submit", { question });
});

function sendOpinion(button) {
  const details = button.closest("details");
  trigger("like", { opinion: button.dataset.opinion, ref: button.dataset.ref, comment: details?.querySelector("textarea")?.value ?? "" });
  details?.removeAttribute("open");
}

function takeAlong(button) {
  trigger("download", { how: button.dataset.take });
  button.closest("details")?.removeAttribute("open");
}

const ACTIONS = { cite: (ref) => openPanel("cite", ref), hit: (ref) => openPanel("hit", ref) };

document.addEventListener("click", (event) => {
  const control = event.target.closest("[data-do], [data-ask], [data-take], [data-opinion], #chat a[href^='#']");
  document.querySelectorAll("details.menu[open]").forEach((menu) => menu.contains(event.target) || menu.removeAttribute("open"));
  if (!control) return;
  if (control.dataset.ask) {
    trigger("submit", { question: control.dataset.ask });
  } else if (control.dataset.take) {
    takeAlong(control);
  } else if (control.dataset.opinion) {
    sendOpinion(control);
  } else if (control.dataset.do === "close") {
    closePanel();
  } else if (control.dataset.do) {
    openPanel(control.dataset.do, control.dataset.ref);
  } else {
    event.preventDefault();
    const [action, ...ref] = control.getAttribute("href").slice(1).split("-");
    if (action in ACTIONS) {
      opener = control.getAttribute("href");
      ACTIONS[action](ref.join("-"));
    } else if (action === "edit") {
      trigger("edit", { number: ref[0] });
      focusQuestion();
    } else if (action === "again") {
      trigger("retry", { number: ref[0] });
    } else if (action === "like" || action === "dislike") {
      trigger("like", { opinion: action, ref: ref[0] });
    } else if (action === "copy") {
      copySources(control);
    } else if (action === "link") {
      copyLink(control, ref.join("-"));
    }
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") closePanel();
});

const questionBox = () => document.querySelector("#question textarea");

function focusQuestion() {
  const box = questionBox();
  box?.focus();
  box?.setSelectionRange(box.value.length, box.value.length);
}

// A new question is brought to the top, so that its answer grows below it in view, unless the reader scrolls.
let questions = 0;
let following = false;
["wheel", "touchmove"].forEach((kind) => addEventListener(kind, () => (following = false), { passive: true }));

function followNewest(asked) {
  if (asked.length > questions) following = true;
  questions = asked.length;
  if (!following) return;
  const newest = asked[asked.length - 1];
  const room = document.querySelector("#composer").getBoundingClientRect().top;
  const fits = newest.getBoundingClientRect().top >= 0 && document.querySelector("#chat").getBoundingClientRect().bottom <= room;
  if (!fits) newest.scrollIntoView({ block: "start" });
  following = Boolean(document.querySelector("#chat .stage"));
}

// The chat is drawn anew while an answer comes in and once more when it is done: a link that had the focus keeps it.
let held = "";
document.addEventListener("focusin", (event) => (held = event.target.closest?.("#chat a[href^='#']")?.getAttribute("href") ?? ""));
document.addEventListener("pointerdown", () => (held = ""));

function keepFocus() {
  if (held && document.activeElement === document.body) {
    document.querySelector(`#chat a[href="${held}"]`)?.focus({ preventScroll: true });
  }
}

// One polite announcement per finished answer comes from the status line: the log itself stays quiet.
function onChatChanged() {
  const log = document.querySelector("#chat [role='log']");
  if (log && log.getAttribute("aria-live") !== "off") log.setAttribute("aria-live", "off");
  // Gradio repeats a message's whole HTML as its accessible name.
  document.querySelectorAll("#chat [data-testid][aria-label]").forEach((message) => message.removeAttribute("aria-label"));
  const asked = document.querySelectorAll("#chat .question");
  root.toggleAttribute("data-begun", asked.length > 0);
  followNewest(asked);
  markCurrent();
  keepFocus();
}

// The chat may not be in the page yet, so the page is watched.
new MutationObserver(onChatChanged).observe(document.body, { childList: true, subtree: true });
new MutationObserver(onPanelFilled).observe(element, { childList: true, subtree: true, attributes: true });
focusQuestion();
