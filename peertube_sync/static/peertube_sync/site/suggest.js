/* Makes a combobox of an input with `data-peertube-suggest`, the address of the API's suggestions. */
"use strict";

(() => {
  const WAIT = 150;
  const TOO_SHORT = /^[\0-\x7f]?$/; // a letter says little, an ideograph is a word

  const set = (one, attributes) => {
    for (const [key, value] of Object.entries(attributes)) one.setAttribute(key, value);
  };

  const element = (name, attributes, ...children) => {
    const made = document.createElement(name);
    set(made, attributes);
    made.append(...children);
    return made;
  };

  const suggestTo = (input) => {
    const { peertubeSuggest: address, peertubeSuggestions: label, ...types } = input.dataset;
    const list = element("ul", { id: `${input.id}-list`, class: "site-suggestions", role: "listbox", "aria-label": label });
    let chosen = -1;
    let waiting = 0;
    let asking = new AbortController();

    const choose = (place) => {
      chosen = place;
      [...list.children].forEach((option, number) => option.setAttribute("aria-selected", number === place));
      if (place < 0) return input.removeAttribute("aria-activedescendant");
      input.setAttribute("aria-activedescendant", list.children[place].id);
      list.children[place].scrollIntoView({ block: "nearest" });
    };

    const show = (found) => {
      list.replaceChildren(...found.map(({ type, name, page_url: page }, number) => element(
        "li",
        { id: `${list.id}-${number}`, role: "option", "data-page": page },
        element("span", { dir: "auto" }, name),
        " ",
        element("small", {}, types[type]),
      )));
      list.hidden = !found.length;
      input.setAttribute("aria-expanded", !list.hidden);
      choose(-1);
    };

    const ask = async () => {
      const { signal } = asking;
      const q = input.value.trim();
      if (TOO_SHORT.test(q)) return show([]);
      const answer = await fetch(`${address}?${new URLSearchParams({ q })}`, { signal });
      const { results } = answer.ok ? await answer.json() : { results: [] };
      if (!signal.aborted) show(results.filter((one) => one.page_url));
    };

    const stop = () => {
      clearTimeout(waiting);
      asking.abort();
      asking = new AbortController();
    };

    const soon = () => {
      stop();
      const { signal } = asking;
      waiting = setTimeout(() => ask().catch(() => signal.aborted || show([])), WAIT);
    };

    const open = (option) => location.assign(option.dataset.page);

    const press = (event) => {
      const number = list.hidden ? 0 : list.children.length;
      if (event.isComposing) return;
      if (event.key === "Escape") stop();
      if (event.key === "ArrowDown" && !number) soon();
      else if (event.key === "ArrowDown") choose(chosen + 1 < number ? chosen + 1 : -1);
      else if (event.key === "ArrowUp" && number) choose(chosen < 0 ? number - 1 : chosen - 1);
      else if (event.key === "Enter" && chosen >= 0) open(list.children[chosen]);
      else if (event.key === "Escape" && number) show([]);
      else return;
      event.preventDefault();
    };

    show([]);
    Object.assign(input, { type: "text", inputMode: "search", enterKeyHint: "search", autocomplete: "off" });
    set(input, { role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id });
    input.after(list);
    input.addEventListener("input", () => { choose(-1); soon(); });
    input.addEventListener("keydown", press);
    input.addEventListener("blur", () => { stop(); show([]); });
    list.addEventListener("pointerdown", (event) => event.preventDefault()); // or the box would lose the focus first
    list.addEventListener("click", ({ target }) => target.closest("li") && open(target.closest("li")));
  };

  document.querySelectorAll("input[data-peertube-suggest]").forEach(suggestTo);
})();
