// Toolbar, keyboard shortcuts and dialogs of the Markdown editor.
"use strict";
(() => {
  const tools = document.getElementById("markdown-tools");
  const area = document.getElementById("body");
  if (!tools || !area) return;
  const toolbar = tools.querySelector("[role=toolbar]");
  const buttons = [...toolbar.querySelectorAll("button")];
  const status = document.getElementById("editor-status");

  /** Replaces a part of the text, so that the browser can undo it, and selects a part of the result. */
  const replace = (start, end, text, from = start + text.length, to = from) => {
    area.focus();
    area.setSelectionRange(start, end);
    if (!document.execCommand("insertText", false, text)) {
      area.setRangeText(text, start, end, "end");
      area.dispatchEvent(new Event("input", { bubbles: true }));
    }
    area.setSelectionRange(from, to);
  };

  /** The selection without the white space at its edges. */
  const selection = () => {
    let { selectionStart: start, selectionEnd: end } = area;
    const text = area.value;
    while (start < end && /\s/.test(text[start])) start += 1;
    while (end > start && /\s/.test(text[end - 1])) end -= 1;
    return { start, end, words: text.slice(start, end) };
  };

  /** Encloses the selection in marks, or removes them. */
  const toggleMarks = (mark, example) => {
    const { start, end, words } = selection();
    const before = /\**$/.exec(area.value.slice(0, start))[0].length;
    const after = /^\**/.exec(area.value.slice(end))[0].length;
    const stars = Math.min(before, after);
    const isMarked = mark.length === 2 ? stars >= 2 : stars === 1 || stars >= 3;
    if (words && isMarked) {
      replace(start - mark.length, end + mark.length, words, start - mark.length, end - mark.length);
      return;
    }
    const inner = words || example;
    const from = start + mark.length;
    replace(start, end, mark + inner + mark, from, from + inner.length);
  };

  /** Changes all lines that the selection touches. */
  const changeLines = (change) => {
    const text = area.value;
    const start = text.lastIndexOf("\n", area.selectionStart - 1) + 1;
    const last = text.indexOf("\n", Math.max(area.selectionStart, area.selectionEnd - 1));
    const end = last < 0 ? text.length : last;
    const changed = change(text.slice(start, end).split("\n")).join("\n");
    const isPoint = area.selectionStart === area.selectionEnd;
    replace(start, end, changed, isPoint ? start + changed.length : start, start + changed.length);
  };

  const MARKER = /^(?:#{1,6} |[-*+] |\d+[.)] |> )/;

  /** Adds a mark to all lines, or removes it if all have it. */
  const toggleLines = (pattern, markOf) => {
    changeLines((lines) => {
      const hasMark = (line) => pattern.test(line) || (lines.length > 1 && !line.trim());
      if (lines.every(hasMark)) return lines.map((line) => line.replace(pattern, ""));
      let count = 0;
      return lines.map((line) => {
        if (lines.length > 1 && !line.trim()) return line;
        count += 1;
        return markOf(count) + line.replace(MARKER, "");
      });
    });
  };

  /** Inserts a text as a paragraph of its own. */
  const insertBlock = (text, from = text.length, to = from) => {
    const { selectionStart: start, selectionEnd: end, value } = area;
    const before = value.slice(0, start);
    const gapBefore = !before || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
    const after = value.slice(end);
    const gapAfter = !after || after.startsWith("\n\n") ? "" : after.startsWith("\n") ? "\n" : "\n\n";
    const shift = start + gapBefore.length;
    replace(start, end, gapBefore + text + gapAfter, shift + from, shift + to);
  };

  const insertLink = () => {
    const { start, end, words } = selection();
    const isAddress = /^https?:\/\/\S+$/.test(words);
    const text = isAddress || !words ? "link text" : words;
    const address = isAddress ? words : "https://";
    // What is still to be typed is selected.
    const from = start + (isAddress || !words ? 1 : text.length + 3);
    replace(start, end, `[${text}](${address})`, from, from + (isAddress || !words ? text : address).length);
  };

  const COMMANDS = {
    heading: () => changeLines((lines) => lines.map((line) => {
      const level = /^#+(?= )/.exec(line)?.[0].length ?? 0;
      const text = line.replace(MARKER, "");
      return level === 0 ? `## ${text}` : level < 3 ? `### ${text}` : text;
    })),
    bold: () => toggleMarks("**", "bold text"),
    italic: () => toggleMarks("*", "italic text"),
    link: insertLink,
    bullets: () => toggleLines(/^[-*+] /, () => "- "),
    numbers: () => toggleLines(/^\d+[.)] /, (count) => `${count}. `),
    quote: () => toggleLines(/^> /, () => "> "),
    table: () => insertBlock("| Heading | Heading |\n|---|---|\n| Cell | Cell |", 2, 9),
    picture: () => openDialog("picture-dialog", () => findPictures("")),
    draw: () => openDialog("draw-dialog", loadTokens),
    occupations: () => openDialog("occupations-dialog", loadTokens),
  };

  // Focus: one stop for the Tab key, then arrow keys, as in the toolbars of other editors.
  const focusButton = (button) => {
    for (const other of buttons) other.tabIndex = other === button ? 0 : -1;
    button.focus();
  };
  toolbar.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = buttons.indexOf(document.activeElement);
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    let next = null;
    if (step) next = buttons.at((at + step) % buttons.length);
    else if (event.key === "Home") [next] = buttons;
    else if (event.key === "End") next = buttons.at(-1);
    else if (event.key === "Escape") next = area;
    else if (/^[a-z]$/i.test(event.key)) {
      const rest = [...buttons.slice(at + 1), ...buttons.slice(0, at + 1)];
      next = rest.find((button) => button.dataset.command.startsWith(event.key.toLowerCase()));
    }
    if (!next) return;
    event.preventDefault();
    if (next === area) area.focus();
    else focusButton(next);
  });
  toolbar.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    for (const other of buttons) other.tabIndex = other === button ? 0 : -1;
    COMMANDS[button.dataset.command]();
  });

  const LETTERS = { b: "bold", i: "italic", k: "link" };
  const DIGITS = { Digit2: "heading", Digit7: "numbers", Digit8: "bullets", Digit9: "quote" };
  area.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.altKey && event.key === "F10" && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      buttons.find((button) => button.tabIndex === 0).focus();
      return;
    }
    if (event.ctrlKey === event.metaKey || event.altKey) return;
    const command = event.shiftKey ? DIGITS[event.code] : LETTERS[event.key.toLowerCase()];
    if (!command) return;
    event.preventDefault();
    COMMANDS[command]();
  });

  // Dialogs.
  async function openDialog(id, load) {
    const dialog = document.getElementById(id);
    status.textContent = "";
    try {
      await load();
    } catch {
      status.textContent = "The choices could not be loaded. Try again.";
      return;
    }
    dialog.returnValue = "";
    dialog.showModal();
    // Not the link in the hint before it.
    dialog.querySelector("input, select").focus();
  }

  const json = async (address) => {
    const response = await fetch(address, { redirect: "error" });
    if (!response.ok) throw new Error(response.statusText);
    return response.json();
  };

  const fill = (id, choices) => {
    const options = choices.map(({ value, label }) => new Option(label, value));
    document.getElementById(id).replaceChildren(...options);
  };
  let tokens = null;
  async function loadTokens() {
    if (tokens) return;
    tokens = await json("/admin/posts/tokens");
    fill("draw-number", tokens.draws);
    fill("draw-figure", tokens.figures);
    fill("occupation-list", tokens.lists);
  }

  const valueOf = (id) => document.getElementById(id).value;
  const onInsert = (id, insert) => {
    const dialog = document.getElementById(id);
    dialog.addEventListener("close", () => {
      area.focus();
      if (dialog.returnValue === "insert") insert();
    });
  };
  const insertToken = (token, isBlock) => {
    if (isBlock) insertBlock(token);
    else replace(area.selectionStart, area.selectionEnd, token);
  };
  onInsert("draw-dialog", () => {
    const figure = valueOf("draw-figure");
    insertToken(`{{draw ${valueOf("draw-number")} ${figure}}}`, figure === "figures");
  });
  onInsert("occupations-dialog", () => {
    const isCount = valueOf("occupation-form") === "count";
    insertToken(`{{occupations ${valueOf("occupation-list")}${isCount ? " count" : ""}}}`, !isCount);
  });

  const pictureList = document.getElementById("picture-choices");
  const alt = document.getElementById("picture-alt");
  async function findPictures(words) {
    const { pictures } = await json(`/admin/posts/pictures?q=${encodeURIComponent(words)}`);
    const choices = pictures.map(({ address, thumbnail, alt: suggested, name }) => {
      const input = Object.assign(document.createElement("input"), {
        type: "radio", name: "picture", value: address, required: true,
      });
      input.dataset.alt = suggested;
      const image = Object.assign(document.createElement("img"), { src: thumbnail, alt: "", loading: "lazy" });
      const label = document.createElement("label");
      label.append(input, image, name);
      return label;
    });
    pictureList.replaceChildren(...choices);
    document.getElementById("picture-count").textContent = pictures.length === 0
      ? "No pictures found." : pictures.length === 1 ? "1 picture" : `${pictures.length} pictures, newest first`;
  }
  pictureList.addEventListener("change", (event) => { alt.value = event.target.dataset.alt; });
  let search = null;
  document.getElementById("picture-search").addEventListener("input", (event) => {
    clearTimeout(search);
    search = setTimeout(() => {
      findPictures(event.target.value).catch(() => {
        document.getElementById("picture-count").textContent = "The pictures could not be loaded. Try again.";
      });
    }, 250);
  });
  onInsert("picture-dialog", () => {
    const address = pictureList.querySelector("input:checked")?.value;
    if (!address) return;
    const text = alt.value.trim().replace(/\s+/g, " ").replace(/[\\[\]]/g, "\\$&");
    const caption = valueOf("picture-caption").trim().replace(/\s+/g, " ").replace(/[\\"]/g, "\\$&");
    insertBlock(`![${text}](${address}${caption && ` "${caption}"`})`);
  });

  area.before(tools);
  tools.hidden = false;
})();
