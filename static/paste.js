// Converts formatted text that is pasted into the editor to Markdown.
"use strict";
(() => {
  const area = document.getElementById("body");
  const status = document.getElementById("editor-status");
  if (!area || !status) return;
  // Characters. Longer texts are added as a file.
  const MAX_LENGTH = 2_000_000;
  // Milliseconds.
  const MAX_WAIT = 10_000;

  /** Inserts a text at the selection, so that the browser can undo it. */
  const insert = (text) => {
    if (!document.execCommand("insertText", false, text)) {
      area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
      area.dispatchEvent(new Event("input", { bubbles: true }));
    }
  };

  async function convert(html, text) {
    const body = new FormData();
    body.append("html", html);
    body.append("text", text);
    const response = await fetch("/admin/posts/conversions", {
      method: "POST", body, redirect: "error", signal: AbortSignal.timeout(MAX_WAIT),
    });
    if (!response.ok) throw new Error(response.statusText);
    return (await response.json()).markdown;
  }

  area.addEventListener("paste", async (event) => {
    const html = event.clipboardData.getData("text/html");
    const text = event.clipboardData.getData("text/plain");
    if (!html || html.length > MAX_LENGTH) {
      status.textContent = html ? "Pasted as plain text, because the text is too long to convert." : "";
      return;
    }
    event.preventDefault();
    const { selectionStart, selectionEnd } = area;
    area.readOnly = true;
    status.textContent = "Pasting…";
    let markdown = text;
    let message = "";
    try {
      markdown = await convert(html, text);
    } catch {
      message = "Pasted as plain text, because the formatting could not be converted.";
    }
    area.readOnly = false;
    area.focus();
    area.setSelectionRange(selectionStart, selectionEnd);
    insert(markdown);
    const pictures = markdown.match(/\{\{write: add the picture/g)?.length ?? 0;
    if (pictures > 0 && !message) {
      message = pictures === 1
        ? "1 picture is named in the text. Add it in Media, then replace its name."
        : `${pictures} pictures are named in the text. Add them in Media, then replace their names.`;
    }
    status.textContent = message;
  });
})();
