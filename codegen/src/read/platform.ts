/**
 * Classes of browsers and Node that contracts mention. Loading their real libraries would cost a second and bring a
 * thousand global names, each a typing error that no longer shows; so there are only these names, and they merge with
 * the real ones where a package brings those in.
 */
const names =
  "AbortController AbortSignal Blob Buffer Event EventTarget File FormData Headers ReadableStream Request Response TransformStream " +
  "URL URLSearchParams WritableStream";

const generics: Readonly<Record<string, string>> = {
  ReadableStream: "<R = any>",
  WritableStream: "<W = any>",
  TransformStream: "<I = any, O = any>",
};

const fileName = "farcall-platform.d.ts";

export const platformText: string = names
  .split(" ")
  .map((name) => `interface ${name}${generics[name] ?? ""} {}\n`)
  .join("");

/** Where that text is said to be. */
export function platformPath(folder: string): string {
  return `${folder}/${fileName}`;
}

export function isPlatformFile(path: string): boolean {
  return path.endsWith(`/${fileName}`);
}
