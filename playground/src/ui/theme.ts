// System, light or dark; remembered. `theme.js` applies it before the first paint.

export function themeChoice(select: HTMLSelectElement): void {
    select.value = document.documentElement.dataset.theme ?? "system";
    select.addEventListener("change", () => {
        if (select.value === "system") {
            delete document.documentElement.dataset.theme;
            localStorage.removeItem("tocsin.theme");
        } else {
            document.documentElement.dataset.theme = select.value;
            localStorage.setItem("tocsin.theme", select.value);
        }
    });
}
