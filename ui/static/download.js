// Takes the conversation that Python put into `value` along: as a file, without a request, or to the clipboard.
watch("value", async () => {
  const taken = props.value;
  if (!taken || !taken.text) return;
  const said = document.querySelector("#take-along summary");
  if (taken.how === "copy") {
    try {
      await navigator.clipboard.writeText(taken.text);
      said.textContent = "Copied";
    } catch {
      said.textContent = "The browser did not allow copying";
    }
  } else {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([taken.text], { type: taken.type }));
    link.download = taken.name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    said.textContent = "Saved";
  }
  setTimeout(() => (said.textContent = "Copy or save"), 2000);
});
