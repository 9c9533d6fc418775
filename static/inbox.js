// Keyboard shortcuts of the inbox: j and k for the next and previous inquiry, e to close, r to reply.
"use strict";
(() => {
  const SETTING = "inbox-shortcuts";
  const FIELDS = "textarea, select, input:not([type=checkbox]), [contenteditable]";
  const rows = [...document.querySelectorAll(".inbox tbody tr")];
  const reply = document.getElementById("text");

  // Single-key shortcuts can be turned off, because speech input may trigger them.
  const help = document.getElementById("shortcuts");
  const toggle = document.getElementById("use-shortcuts");
  help.hidden = false;
  toggle.checked = localStorage.getItem(SETTING) !== "off";
  toggle.addEventListener("change", () => localStorage.setItem(SETTING, toggle.checked ? "on" : "off"));

  const currentRow = () => rows.find((row) => row.contains(document.activeElement));
  const link = (row) => row.querySelector("th a");

  function focusRow(step) {
    const place = rows.indexOf(currentRow());
    const row = rows[place < 0 ? 0 : Math.min(Math.max(place + step, 0), rows.length - 1)];
    link(row).focus();
  }

  // The link or button with this shortcut, if the page has one.
  const press = (key) => document.querySelector(`[aria-keyshortcuts="${key}"]`)?.click();

  const actions = {
    j: () => (rows.length ? focusRow(1) : press("j")),
    k: () => (rows.length ? focusRow(-1) : press("k")),
    e: () => {
      const isSelected = document.querySelector(".inbox input:checked");
      const row = currentRow();
      if (rows.length && !isSelected) {
        if (!row) return;
        row.querySelector("input[type=checkbox]").checked = true;
      }
      press("e");
    },
    r: () => {
      if (!rows.length) reply?.focus();
      // Browsers focus the field that the fragment names.
      else if (currentRow()) location.assign(`${link(currentRow()).href}#text`);
    },
  };

  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.closest?.(FIELDS) || event.isComposing;
    const hasModifier = event.ctrlKey || event.altKey || event.metaKey || event.shiftKey;
    if (isTyping || hasModifier || event.repeat || event.defaultPrevented || !toggle.checked) return;
    const action = Object.hasOwn(actions, event.key) && actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
})();
