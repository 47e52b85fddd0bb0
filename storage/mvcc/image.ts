/**
 * What a checkpoint keeps of something that lies in large pieces of memory: the pieces as they are, and numbers of which JSON can be made.
 * Only the same code can make anything of it, on a machine that has its numbers in the same order.
 */
export interface Image<N> {
  readonly numbers: N;
  readonly pieces: readonly Uint8Array[];
}

/** A piece that was found again begins where numbers of 64 bits may, and belongs to who takes it. */
export interface Imaged<N> {
  image(): Image<N>;
  /** Of an empty one only. False, and it is of no use any more, when there can be no such image. */
  restore(image: Image<N>): boolean;
}
