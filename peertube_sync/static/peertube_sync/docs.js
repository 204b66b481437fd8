// Swagger UI has dark colours (its releases of 2026), and leaves it to the page when to use them.
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const show = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", show);
show();
