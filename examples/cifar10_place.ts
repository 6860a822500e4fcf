/** Where the experiments look for CIFAR-10. */

/** Without `--data`. */
export const CIFAR10_PATH = "data/cifar-10-binary.tar.gz";

/** What `--data` is. */
export const CIFAR10_HELP = {
  help:
    `CIFAR-10's binary version from https://www.cs.toronto.edu/~kriz/cifar.html: cifar-10-binary.tar.gz, or the folder it unpacks to  (${CIFAR10_PATH})`,
  holds: "CIFAR-10's binary files",
};
