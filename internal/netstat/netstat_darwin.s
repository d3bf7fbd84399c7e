#include "textflag.h"

TEXT sysctlbyname_trampoline<>(SB),NOSPLIT,$0-0
	JMP	libc_sysctlbyname(SB)
GLOBL	·sysctlbynameAddr(SB), RODATA, $8
DATA	·sysctlbynameAddr(SB)/8, $sysctlbyname_trampoline<>(SB)

TEXT if_indextoname_trampoline<>(SB),NOSPLIT,$0-0
	JMP	libc_if_indextoname(SB)
GLOBL	·indextonameAddr(SB), RODATA, $8
DATA	·indextonameAddr(SB)/8, $if_indextoname_trampoline<>(SB)
