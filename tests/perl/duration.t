# SPDX-License-Identifier: MIT
use strict;
use warnings;
use utf8;

use Smoke;
use Test::More;

my $vectors = vectors 'durations';

sub parse {
    my ($text) = @_;
    utf8::encode($text);
    return Timens::Core::parse($text);
}

# In ASCII.
sub name {
    my ($case) = @_;
    return sprintf q('%s'), $case->{text} =~ s/([^ -~])/sprintf '\\x{%x}', ord $1/egr;
}

subtest vectors => sub {
    ok @{ $vectors->{$_} } > 0, $_ for qw(ok readings bad);
    is_deeply [ parse( $_->{text} ) ], [ @$_{qw(sec nsec)}, 0 ], name($_) for @{ $vectors->{ok} };
    is_deeply [ parse( $_->{text} ) ], [ @$_{qw(sec nsec)}, 1 ], name($_) for @{ $vectors->{readings} };
    for my $case ( @{ $vectors->{bad} } ) {
        my ( $errno, $stage, $message ) = failure { parse( $case->{text} ) };
        is_deeply [ $errno, $stage ], [ $ERRNO{ $case->{errno} }, 'parse' ], name($case);
        like $message, qr/column $case->{column}: /;
    }
};

subtest format_reads_back => sub {
    for my $case ( @{ $vectors->{format} } ) {
        is Timens::Core::format( @$case{qw(sec nsec)} ), $case->{text}, name($case);
        is_deeply [ parse( $case->{text} ) ], [ @$case{qw(sec nsec)}, 0 ], name($case);
    }
    my ( $errno, $stage, $message ) = failure { Timens::Core::format( 0, 1000000000 ) };
    is_deeply [ $errno, $stage ], [ $ERRNO{EINVAL}, 'args' ];
    like $message, qr/999999999/;
};

done_testing;
