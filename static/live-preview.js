// Preview of the post beside its text, at the width of a phone or a desktop screen.
"use strict";
(() => {
  const form = document.getElementById("editor");
  const controls = document.getElementById("preview-tools");
  const panel = document.getElementById("live-preview");
  if (!form || !controls || !panel) return;
  const writing = document.getElementById("writing");
  const status = document.getElementById("preview-status");
  const buttons = [...controls.querySelectorAll("button")];
  // Milliseconds after the last change.
  const DELAY = 400;
  // CSS pixels.
  const WIDTHS = { phone: 360, desktop: 1280 };
  const SETTING = "live-preview";

  let mode = "off";
  let frame = null;
  let timer = null;
  let request = null;
  let shown = null;

  /** Scales the page so that its whole width is visible. */
  const fit = () => {
    if (!frame || mode === "off") return;
    const width = WIDTHS[mode];
    const scale = Math.min(1, panel.clientWidth / width);
    const height = Math.max(320, Math.round(innerHeight * 0.7));
    panel.style.blockSize = `${height}px`;
    frame.style.inlineSize = `${width}px`;
    frame.style.blockSize = `${Math.round(height / scale)}px`;
    frame.style.transform = `scale(${scale})`;
  };

  const schedule = () => {
    clearTimeout(timer);
    timer = setTimeout(update, DELAY);
  };

  async function update() {
    if (mode === "off") return;
    const fields = new URLSearchParams();
    for (const name of ["title", "summary", "body", "correction", "cover", "cover_alt", "author"]) {
      fields.append(name, form.elements.namedItem(name)?.value ?? "");
    }
    const content = fields.toString();
    if (content === shown) return;
    request?.abort();
    request = new AbortController();
    try {
      const response = await fetch("/admin/posts/previews", {
        method: "POST", body: fields, redirect: "error", signal: request.signal,
      });
      if (!response.ok) throw new Error(response.statusText);
      show(await response.text());
      shown = content;
      status.textContent = "";
    } catch (error) {
      if (error.name !== "AbortError") status.textContent = "The preview could not be updated. It tries again when you type.";
    }
  }

  /** Shows a page. Only its content changes, so that the frame keeps its position. */
  function show(html) {
    const current = frame?.contentDocument?.querySelector("main");
    const next = new DOMParser().parseFromString(html, "text/html").querySelector("main");
    if (current && next) {
      current.replaceWith(next);
      return;
    }
    frame ??= document.createElement("iframe");
    frame.title = "Preview of the post";
    // No scripts. Links open in a new tab.
    frame.sandbox.add("allow-same-origin", "allow-popups", "allow-popups-to-escape-sandbox");
    frame.srcdoc = html;
    frame.addEventListener("load", () => {
      // The style sheet of the page cannot see that the focus is in the frame.
      for (const type of ["focus", "blur"]) {
        frame.contentWindow.addEventListener(type, () => frame.classList.toggle("focused", type === "focus"));
      }
      frame.contentDocument.addEventListener("click", (event) => {
        const link = event.target.closest?.("a[href]");
        if (!link || link.getAttribute("href").startsWith("#")) return;
        event.preventDefault();
        open(link.href, "_blank", "noopener");
      });
    });
    panel.replaceChildren(frame);
    fit();
  }

  function setMode(next) {
    mode = next;
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.width === mode));
    panel.hidden = mode === "off";
    writing.classList.toggle("with-preview", mode !== "off");
    writing.dataset.preview = mode;
    fit();
    update();
  }

  controls.addEventListener("click", (event) => {
    const width = event.target.closest("button")?.dataset.width;
    if (!width) return;
    setMode(width);
    try {
      localStorage.setItem(SETTING, width);
    } catch {
      // Without storage, the choice holds for this page.
    }
  });
  form.addEventListener("input", schedule);
  new ResizeObserver(fit).observe(writing);
  addEventListener("resize", fit);

  let chosen = null;
  try {
    chosen = localStorage.getItem(SETTING);
  } catch {
    // Without storage, the standard is used.
  }
  // Findings are beside the text at first, and small screens have no place for a preview.
  const hasPlace = matchMedia("(min-width: 64rem)").matches && !writing.querySelector(".findings");
  const known = chosen === "off" || chosen in WIDTHS ? chosen : "phone";
  document.getElementById("body").closest(".field").after(panel);
  controls.hidden = false;
  setMode(hasPlace ? known : "off");
})();
