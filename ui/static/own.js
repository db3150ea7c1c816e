// Runs once, inside the list of one's own documents: `element` and `trigger` are Gradio's.
// Files may be dropped anywhere on the page, and are removed from the list by their button.
const KINDS = ".pdf,.docx,.html,.htm,.md,.txt";
const chooser = () => document.querySelector("#choices input[type=file]");

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-forget]");
  if (button) trigger("delete", { name: button.dataset.forget });
});

const carriesFiles = (event) => event.dataTransfer?.types?.includes("Files");

document.addEventListener("dragover", (event) => {
  if (!carriesFiles(event) || !chooser()) return;
  event.preventDefault();
  document.documentElement.dataset.dropping = "";
});
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) delete document.documentElement.dataset.dropping;
});
document.addEventListener("drop", (event) => {
  delete document.documentElement.dataset.dropping;
  const input = chooser();
  if (!carriesFiles(event) || !input) return;
  event.preventDefault();
  input.files = event.dataTransfer.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
});

new MutationObserver((_, observer) => {
  const input = chooser();
  if (!input) return;
  input.accept = KINDS;
  observer.disconnect();
}).observe(document.body, { childList: true, subtree: true });
