// Says at once that a file is too large, before it is sent: the server would only hang up in the middle of it.

const input = document.querySelector("input[type=file][data-most]");

function judge() {
  const file = input.files[0];
  const most = Number(input.dataset.most);
  input.setCustomValidity(file && file.size > most ? `The file is larger than ${most / 1024 / 1024} MB. Split it by year and import the parts.` : "");
}

input?.addEventListener("change", () => {
  judge();
  input.reportValidity();
});
document.getElementById("preview-h")?.focus();
