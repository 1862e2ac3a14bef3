// Before the first paint, so that a remembered theme doesn't flash.
try {
    var theme = localStorage.getItem("tocsin.theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch (error) {
    // Storage may be forbidden; then the system's theme it is.
}
