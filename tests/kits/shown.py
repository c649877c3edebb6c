"""What images on a page show, told by a script that runs in it."""

HASHES = """async () => {
  const found = {};
  for (const image of document.images) {
    const canvas = document.createElement("canvas");
    if (!image.naturalWidth) return null;
    [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
    const context = canvas.getContext("2d");
    context.drawImage(image, 0, 0);
    const rgba = context.getImageData(0, 0, canvas.width, canvas.height).data;
    const rgb = rgba.filter((_, at) => at % 4 !== 3);
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", rgb));
    found[image.id] = Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }
  return found;
}"""
"""The SHA-256 of each image's RGB by its id, or null while one is not there."""
