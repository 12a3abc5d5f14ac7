/** What a bundle is for: a container, an npm package for browsers and edge functions, a handler of a function service. */
export type BundleKind = 'docker' | 'npm' | 'serverless';

export interface BundleRequest {
  /** A packaged model on disk. */
  readonly modelPath: string;
  readonly kind: BundleKind;
  /** Name of the package and the image: lower-case letters, digits, dots, dashes and underscores. */
  readonly name: string;
  /** An absent or empty folder. */
  readonly outFolder: string;
  /** Base image of the container, best with its digest: `node:22-bookworm-slim@sha256:…`. */
  readonly baseImage?: string;
  readonly signal?: AbortSignal;
}

export interface BundleResult {
  readonly kind: BundleKind;
  readonly name: string;
  readonly folder: string;
  readonly model: { readonly digest: string; readonly sizeBytes: number };
  /** sha256 of every file, as in its manifest.json. */
  readonly files: Readonly<Record<string, string>>;
  /** Of a container: whether its base image is named by digest, so that every build starts from the same bytes. */
  readonly baseImagePinned: boolean | null;
}

/** The part of a package's signature that a bundle needs; written by the training room into `fairlead.signature`. */
export interface BundledSignature {
  readonly task: string;
  readonly inputs: readonly {
    readonly name: string;
    readonly type: 'number' | 'integer' | 'boolean' | 'string' | 'timestamp';
    readonly nullable: boolean;
    readonly min?: number;
    readonly max?: number;
    readonly categories?: readonly string[];
  }[];
  readonly labels: readonly string[];
}
