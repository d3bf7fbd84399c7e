#include "textflag.h"

TEXT dlsym_trampoline<>(SB),NOSPLIT,$0-0
	JMP	libc_dlsym(SB)
GLOBL	·dlsymAddr(SB), RODATA, $8
DATA	·dlsymAddr(SB)/8, $dlsym_trampoline<>(SB)
