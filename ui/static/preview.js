// Follows page.js in the same component. Pointing at a mark, or reaching it with the Tab key, shows its quote amid its
// passage in a card that takes no focus: Esc dismisses it, the pointer may rest on it, and a click opens the panel.
const SOON = 120; // ms: passing over a mark shows nothing
const LATER = 250; // ms: long enough to reach the card
const card = document.createElement("div");
card.id = "preview";
card.setAttribute("role", "tooltip");
card.hidden = true;
document.querySelector(".gradio-container").append(card);

let previewed = null; // the mark whose card is shown
let hushed = ""; // the address of the mark that was opened or dismissed last: it shows no card until another one did
let pointer = ""; // where the pointer was last: what moves below a pointer at rest is not pointed at
let coming = 0;
let going = 0;

const markAt = (target) => target.closest?.("#chat a.cite");

function showPreview(mark) {
  const address = mark.getAttribute("href");
  const ready = document.querySelector(`#chat .previews .mark-${address.slice("#cite-".length)}`);
  if (!ready || !mark.isConnected || address === hushed) return;
  if (previewed !== mark) hidePreview();
  hushed = "";
  previewed = mark;
  card.replaceChildren(...ready.cloneNode(true).childNodes);
  card.hidden = false;
  placePreview();
  const quote = card.querySelector("mark");
  if (!quote) return;
  quote.id = "preview-quote";
  mark.setAttribute("aria-describedby", quote.id);
}

function hidePreview() {
  clearTimeout(coming);
  clearTimeout(going);
  previewed?.removeAttribute("aria-describedby");
  previewed = null;
  card.hidden = true;
}

// Below the mark, or above it where there is no room; never beyond the window.
function placePreview() {
  const edge = 12;
  const at = previewed.getBoundingClientRect();
  const [width, height] = [card.offsetWidth, card.offsetHeight];
  const below = at.bottom + 8;
  const top = below + height + edge <= innerHeight ? below : at.top - 8 - height;
  card.style.left = `${Math.max(edge, Math.min(at.left - 24, innerWidth - width - edge))}px`;
  card.style.top = `${Math.max(edge, Math.min(top, innerHeight - height - edge))}px`;
}

const heldByFocus = () => previewed?.matches(":focus-visible");

document.addEventListener("pointerover", (event) => {
  const place = `${event.clientX} ${event.clientY}`;
  if (event.pointerType === "touch" || place === pointer) return;
  pointer = place;
  const mark = markAt(event.target);
  clearTimeout(coming);
  if (mark || card.contains(event.target)) {
    clearTimeout(going);
    going = 0;
    if (mark && mark !== previewed) coming = setTimeout(showPreview, previewed ? 0 : SOON, mark);
  } else if (previewed && !going && !heldByFocus()) {
    going = setTimeout(hidePreview, LATER);
  }
});
document.addEventListener("focusin", (event) => {
  const mark = markAt(event.target);
  if (mark?.matches(":focus-visible")) showPreview(mark);
});
document.addEventListener("focusout", (event) => event.target === previewed && hidePreview());
document.addEventListener("scroll", () => (heldByFocus() ? placePreview() : hidePreview()), { passive: true });
// Before page.js hears of it: a card that is closed leaves the panel open.
addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !previewed) return;
  event.stopPropagation();
  hushed = previewed.getAttribute("href");
  hidePreview();
}, true);
addEventListener("click", (event) => {
  const mark = markAt(event.target);
  if (mark) hushed = mark.getAttribute("href");
  hidePreview();
}, true);
// The chat is drawn anew while an answer comes in.
new MutationObserver(() => previewed?.isConnected === false && hidePreview()).observe(document.body, { childList: true, subtree: true });
