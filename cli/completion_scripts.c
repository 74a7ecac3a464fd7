/* SPDX-License-Identifier: MIT */
/* What a shell needs to ask `timens completion --words`; all that is known of timens is there. */
#include <stddef.h>

#include "completion.h"

static const char bash[] =
	"# bash completion for timens(1)\n"
	"_timens() {\n"
	"  local line first=()\n"
	"  COMPREPLY=()\n"
	"  while IFS= read -r line; do\n"
	"    case $line in\n"
	"      :files) compopt -o default ;;\n"
	"      :directories) compopt -o dirnames ;;\n"
	"      ':program '*)\n"
	"        if declare -F _command_offset >/dev/null; then\n"
	"          _command_offset \"${line#:program }\"\n"
	"        else\n"
	"          compopt -o default\n"
	"          [ \"${line#:program }\" -ne \"$COMP_CWORD\" ] ||\n"
	"            mapfile -t COMPREPLY < <(compgen -c -- \"${COMP_WORDS[COMP_CWORD]}\")\n"
	"        fi ;;\n"
	"      *) first+=(\"${line%%$'\\t'*}\") ;;\n"
	"    esac\n"
	"  done < <(timens completion --words -- \"${COMP_WORDS[@]:1:COMP_CWORD}\" 2>/dev/null)\n"
	"  COMPREPLY=(\"${first[@]}\" \"${COMPREPLY[@]}\")\n"
	"}\n"
	"complete -F _timens timens\n";

static const char fish[] =
	"# fish completion for timens(1)\n"
	"function __timens_words\n"
	"    set -l words (commandline -opc) (commandline -ct)\n"
	"    for line in (timens completion --words -- $words[2..-1] 2>/dev/null)\n"
	"        switch $line\n"
	"            case :files\n"
	"                __fish_complete_path (commandline -ct)\n"
	"            case :directories\n"
	"                __fish_complete_directories (commandline -ct)\n"
	"            case ':program *'\n"
	"                set -l from (math (string replace ':program ' '' -- $line) + 1)\n"
	"                complete -C (string join ' ' -- (string escape -n -- $words[$from..-1]))\n"
	"            case '*'\n"
	"                echo $line\n"
	"        end\n"
	"    end\n"
	"end\n"
	"complete -c timens -f -a '(__timens_words)'\n";

static const char zsh[] =
	"#compdef timens\n"
	"# zsh completion for timens(1)\n"
	"_timens() {\n"
	"  local line from\n"
	"  local -a found\n"
	"  for line in ${(f)\"$(timens completion --words -- \"${(@)words[2,CURRENT]}\" "
	"2>/dev/null)\"}; do\n"
	"    case $line in\n"
	"      :files) _files ;;\n"
	"      :directories) _files -/ ;;\n"
	"      ':program '*)\n"
	"        from=${line#:program }\n"
	"        shift $from words\n"
	"        (( CURRENT -= from ))\n"
	"        _normal ;;\n"
	"      *) found+=(\"${${line%%$'\\t'*}//:/\\\\:}:${line#*$'\\t'}\") ;;\n"
	"    esac\n"
	"  done\n"
	"  (( $#found )) && _describe timens found\n"
	"}\n"
	"if [ \"$funcstack[1]\" = _timens ]; then _timens \"$@\"; else compdef _timens timens; "
	"fi\n";

const char *const completion_shells[] = {"bash", "fish", "zsh", NULL};
const char *const completion_scripts[] = {bash, fish, zsh};
