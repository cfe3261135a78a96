// Light or dark colours: as the system has them, until the button is used.

const root = document.documentElement;

export function connectTheme(button, onChange = () => {}) {
  const use = (theme) => {
    root.dataset.theme = theme;
    button.textContent = theme === "dark" ? "Light" : "Dark";
    onChange();
  };
  const system = matchMedia("(prefers-color-scheme: dark)");
  system.addEventListener("change", () => use(system.matches ? "dark" : "light"));
  button.addEventListener("click", () => use(root.dataset.theme === "dark" ? "light" : "dark"));
  use(root.dataset.theme);
}
