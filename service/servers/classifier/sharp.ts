/** The part of sharp that decodes images. It comes with transformers.js, hence no types: see `TransformersLibrary`. */
export interface SharpLibrary {
  (bytes: Uint8Array, options: object): SharpImage;
  /** Keeps loaders of libvips from being used at all. */
  block(what: { readonly operation: readonly string[] }): void;
  unblock(what: { readonly operation: readonly string[] }): void;
  concurrency(threads: number): number;
  cache(on: boolean): unknown;
}

/** A pipeline of sharp. */
export interface SharpImage {
  metadata(): Promise<{ readonly width: number; readonly height: number }>;
  autoOrient(): SharpImage;
  resize(options: object): SharpImage;
  flatten(options: object): SharpImage;
  toColourspace(space: "srgb"): SharpImage;
  raw(): SharpImage;
  toBuffer(options: { readonly resolveWithObject: true }): Promise<{
    readonly data: Buffer;
    readonly info: { readonly width: number; readonly height: number; readonly channels: number };
  }>;
}

/** Pixels as transformers.js takes them. */
export interface Pixels {
  readonly data: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}

/** The formats that are decoded. All others are blocked in libvips itself: SVG may name files, PDF and the like run whole programs of code. */
const LOADERS = ["Jpeg", "Png", "Webp", "Nsgif", "Heif"].map((name) => `VipsForeignLoad${name}`);

/** Larger pictures are made smaller by the decoder, so that a batch of them fits into memory: no classifier looks at more. In pixels. */
const MOST_SIDE = 1024;

/** Has sharp decode nothing but pictures of pixels, with so many threads. */
export function restrict(sharp: SharpLibrary, threads: number): void {
  sharp.block({ operation: ["VipsForeignLoad"] });
  sharp.unblock({ operation: LOADERS });
  sharp.concurrency(threads);
  // No picture comes twice.
  sharp.cache(false);
}

/** The first frame of a picture in RGB, upright as its camera says, transparency on white. @throws where it is none, or has too many pixels. */
export async function decode(
  sharp: SharpLibrary,
  bytes: Uint8Array,
  maxPixels: number,
): Promise<Pixels> {
  const { data, info } = await sharp(bytes, { limitInputPixels: maxPixels, failOn: "error" })
    .autoOrient()
    .resize({ width: MOST_SIDE, height: MOST_SIDE, fit: "inside", withoutEnlargement: true })
    .flatten({ background: "#ffffff" })
    .toColourspace("srgb")
    .raw()
    .toBuffer({ resolveWithObject: true });
  if (info.channels !== 3) throw new Error(`The picture has ${info.channels} channels.`);
  return { data: new Uint8ClampedArray(data), width: info.width, height: info.height };
}
